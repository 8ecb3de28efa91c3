import { graphql } from '../../generated/gallery/gql.ts';

export const ImageFields = graphql(`
  fragment ImageFields on Image {
    id
    status
    contentType
    fileName
    sizeBytes
    width
    height
    failureReason
    createdAt
    thumbhash
    thumbnail {
      downloadUrl
      expiresAt
    }
  }
`);

export const GalleryPage = graphql(`
  query GalleryPage($first: Int!, $after: String, $filter: ImageFilter, $order: ImageOrder!) {
    gallery(first: $first, after: $after, filter: $filter, order: $order) {
      edges {
        node {
          ...ImageFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

// By itself: the first page does not wait until all there is has been counted.
export const GalleryCount = graphql(`
  query GalleryCount($filter: ImageFilter) {
    gallery(first: 1, filter: $filter) {
      totalCount
    }
  }
`);

export const ImagesById = graphql(`
  query ImagesById($ids: [ID!]!) {
    images(ids: $ids) {
      ...ImageFields
    }
  }
`);

export const ImageAccesses = graphql(`
  query ImageAccesses($ids: [ID!]!) {
    images(ids: $ids) {
      id
      access {
        downloadUrl
        expiresAt
      }
    }
  }
`);

export const CreateUpload = graphql(`
  mutation CreateUpload($input: CreateImageIngestUrlInput!) {
    createImageIngestUrl(input: $input) {
      image {
        ...ImageFields
      }
      uploadUrl
      uploadHeaders {
        name
        value
      }
      expiresAt
      userErrors {
        code
        message
      }
    }
  }
`);

export const DeleteImages = graphql(`
  mutation DeleteImages($ids: [ID!]!) {
    deleteImages(ids: $ids) {
      deletedIds
      notFoundIds
      userErrors {
        code
        message
      }
    }
  }
`);

export const ImageStatusChanged = graphql(`
  subscription ImageStatusChanged($ids: [ID!]!) {
    imageStatusChanged(ids: $ids) {
      ...ImageFields
    }
  }
`);
